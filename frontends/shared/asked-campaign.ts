// Which campaign is looked at, and how a link to the public pages keeps to it.  所看的活动

/** The campaign the address names; without a name the house answers with the one running. */
export function wantedCampaign(): { campaign?: number } {
  const text = new URLSearchParams(location.search).get('campaign')
  return text && /^\d+$/.test(text) ? { campaign: Number(text) } : {}
}

/** The public page of a campaign, such as /public/?campaign=2#/days/20260206. */
export function publicPage(path: string, campaign = wantedCampaign().campaign): string {
  return `/public/${campaign === undefined ? '' : `?campaign=${campaign}`}#/${path}`
}
